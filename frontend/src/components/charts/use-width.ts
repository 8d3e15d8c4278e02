import { useEffect, useRef, useState } from "react";

/** What a chart is as wide as until the browser has measured its place. */
const FIRST_WIDTH = 600;

/** The width of an element, followed; a place that has none yet (a hidden tab) keeps the last one. */
export function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    const place = ref.current;
    if (!place) return;
    const measure = () => {
      const found = Math.floor(place.getBoundingClientRect().width);
      if (found > 0) setWidth(found);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}
