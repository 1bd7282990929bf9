import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeliveryStage } from '../telegram/fixtures.ts';
import { People, type Visit, YOU } from './people.ts';

let stage: DeliveryStage;
let people: People;
let entered: Visit[];

beforeEach(async () => {
  stage = await DeliveryStage.open();
  people = new People(stage.telegram);
  entered = [];
  people.entered.listen((visit) => entered.push(visit));
});

afterEach(() => stage.close());

it('are the same ones for the same names', () => {
  expect(people.named('You')).toBe(YOU);
  const ada = people.named('Ada');
  expect(people.named('Ada')).toBe(ada);
  expect(people.named('Eve').id).not.toBe(ada.id);
});

it('enter each chat for the first time once', () => {
  const { bot } = stage;
  const ada = people.named('Ada');
  const chat = people.enter(bot, YOU);
  expect(people.enter(bot, YOU)).toBe(chat);
  const group = people.enterGroup(bot, 'Tea', YOU);
  expect(people.enterGroup(bot, 'Tea', YOU)).toBe(group);
  const other = people.enterGroup(bot, 'Tea', ada);
  expect(other.chat.id).toBe(group.chat.id);
  expect(people.enterGroup(bot, 'Milk', ada).chat.id).not.toBe(group.chat.id);
  expect(entered.map((visit) => visit.chat).slice(0, 3)).toEqual([chat, group, other]);
  expect(people.visits).toEqual(entered);
  expect(entered).toHaveLength(4);
});
