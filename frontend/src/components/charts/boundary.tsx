import { Component, type ReactNode } from "react";

/** What goes wrong while one chart is drawn, or its code fetched, stays with that chart. */
export class Boundary extends Component<
  { fallback: (error: Error, again: () => void) => ReactNode; children: ReactNode },
  { error: Error | null }
> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? this.props.fallback(error, () => this.setState({ error: null })) : this.props.children;
  }
}
