import { CircleCheck, Clock, type LucideIcon, Rabbit, Turtle } from "lucide-react";
import { StatusBadge, type Tone } from "@/components/feedback";
import { useCodeText } from "@/lib/code-text";

const GRADES: Record<string, { icon: LucideIcon; tone: Tone }> = {
  Excellent: { icon: Rabbit, tone: "success" },
  Fast: { icon: Rabbit, tone: "success" },
  Good: { icon: CircleCheck, tone: "info" },
  Average: { icon: Clock, tone: "warning" },
  Slow: { icon: Turtle, tone: "danger" },
};

export function useGradeText() {
  const codeText = useCodeText();
  return (grade: string | null) => (grade ? codeText("analytics.grades", grade, grade) : "");
}

/** How fast somebody is, in a word; nothing where there is nothing to judge. */
export function Grade({ grade }: { grade: string | null }) {
  const text = useGradeText();
  const look = grade ? GRADES[grade] : undefined;
  return look ? <StatusBadge {...look} label={text(grade)} /> : null;
}
