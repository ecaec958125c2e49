import { InputError } from "../../model/input_error.ts";
import { placeAt, type TemplateSource } from "../template/template.ts";

/** An output in HTML that was made from a row's outcome. */
const OUTPUT = /\{\{ v\d+[^}]*\}\}/g;

/** An error in HTML whose outputs are numbered, as one that shows what the author wrote, at its place. */
export function asWritten(error: InputError, files: readonly TemplateSource[]): InputError {
  const shown = /: (?:found )?'([^]*)'$/.exec(error.message)?.[1] ?? "";
  const pattern = new RegExp(
    shown.split(OUTPUT).map((text) => RegExp.escape(text)).join("\\{\\{[^{}]*\\}\\}"),
  );
  for (const file of shown === "" ? [] : files) {
    const found = pattern.exec(file.text);
    if (found === null) continue;
    return placed(error.message.replace(shown, () => found[0]), placeAt(file, found.index));
  }
  return placed(error.message.replace(OUTPUT, "{{ … }}"), error.place ?? { file: files[0]!.file });

  function placed(message: string, place: NonNullable<InputError["place"]>): InputError {
    const { hint } = error;
    return new InputError(message, { place, cause: error, hint });
  }
}
