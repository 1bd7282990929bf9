import type { ForumTopic } from '@grammyjs/types';

/** The topic that every forum has: its messages carry no `message_thread_id`. */
export const GENERAL_TOPIC_ID = 1;

export interface TopicState extends ForumTopic {
  readonly isClosed: boolean;
}

/** The topics of a forum. A topic has the id of the service message that created it. */
export class Topics {
  general = { name: 'General', isClosed: false, isHidden: false };
  private readonly byId = new Map<number, TopicState>();

  find(id: number): TopicState | undefined {
    return this.byId.get(id);
  }

  set(topic: TopicState): void {
    this.byId.set(topic.message_thread_id, topic);
  }

  delete(id: number): boolean {
    return this.byId.delete(id);
  }

  get list(): readonly TopicState[] {
    return [...this.byId.values()];
  }
}
