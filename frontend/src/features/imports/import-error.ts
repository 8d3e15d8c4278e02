import { isProblem } from "@/api/problem";
import { useProblemText } from "@/components/feedback";
import { useCodeText } from "@/lib/code-text";

/** Why a file was refused: our sentence for a known code, else the server's. */
export function useImportErrorText() {
  const codeText = useCodeText();
  const problemText = useProblemText();
  const byCode = (code: unknown, otherwise: string) => codeText("imports.error", String(code), otherwise);
  return {
    ofImport: (error: { code: string; message: string }) => byCode(error.code, error.message),
    ofProblem: (error: unknown) => {
      const text = problemText(error);
      return isProblem(error) ? byCode(error.extras.reason ?? error.code, text) : text;
    },
  };
}
