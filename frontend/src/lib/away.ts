/** After so long without a touch nobody is taken to be there. */
const AWAY_MS = 60_000;

let touched = Date.now();

/** Notes when somebody last touched the app, until stopped. */
export function watchTouches(target: Pick<Window, "addEventListener"> = window): void {
  const touch = () => {
    touched = Date.now();
  };
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    target.addEventListener(name, touch, { capture: true, passive: true });
  }
}

/** Whether nobody seems to be there: what an open page reads by itself does not make a person online. */
export function isAway(): boolean {
  return Date.now() - touched > AWAY_MS;
}
