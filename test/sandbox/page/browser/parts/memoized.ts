import { Component, type ComponentClass, type FunctionComponent, h } from 'preact';

/** Draws a component again only when one of its props is another object: entries and messages are immutable. */
export function memoized<P extends object>(draw: FunctionComponent<P>): ComponentClass<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== (this.props as P)[key]);
    }

    override render() {
      return h(draw, this.props as P);
    }
  };
}
