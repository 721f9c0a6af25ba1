import { Component, type ReactNode } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";

/** Keeps the tabs when a screen fails, or when its file is gone because a new version was deployed. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <ErrorNotice error={this.state.error} title="This screen can't be shown" retry={() => window.location.reload()} />
    );
  }
}
