import { useCallback, useState } from "react";
import { readPreference, writePreference } from "./preferences";

/** useState that this browser remembers under `key`. */
export function usePreference<T>(key: string, fallback: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => readPreference(key, fallback));
  const set = useCallback(
    (next: T) => {
      setValue(next);
      writePreference(key, next);
    },
    [key],
  );
  return [value, set];
}
