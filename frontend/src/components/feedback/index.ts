export { ConfirmDialog } from "./confirm-dialog";
export { EntitySheet } from "./entity-sheet";
export { FileDrop } from "./file-drop";
export { useProblemText } from "./problem-text";
export { ProgressBar } from "./progress-bar";
export { StatTile } from "./stat-tile";
export { EmptyState, type EmptyStateProps, ErrorState, StaleNote } from "./states";
export { StatusBadge, type Tone } from "./status-badge";
export { toast, undoToast } from "./toast";
