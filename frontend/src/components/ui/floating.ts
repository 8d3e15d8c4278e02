/** How what floats beside its trigger (menus, popovers) is placed and looks. */
export const floating = { sideOffset: 4, collisionPadding: 8 } as const;

export const floatingStyles = "z-50 animate-pop-in rounded-md border border-border bg-surface shadow-lg";
