import { dirname, resolve, sep } from "node:path";

/**
 * The template's folder: the only place that includes, layouts and attachments come from.
 *
 * Links are followed before it is decided whether a file is inside; only regular files are read, so a pipe or a device
 * cannot stall or flood a run.
 */
export class Folder {
  readonly path: string;
  #real: string | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  static of(file: string): Folder {
    return new Folder(dirname(resolve(file)));
  }

  /** The real path of a regular file inside the folder. */
  find(
    name: string,
  ): { readonly path: string; readonly size: number } | "missing" | "outside" | "not-a-file" {
    // A name with a scheme would be found as a file of that name or not at all; nothing is ever fetched.
    if (name === "" || name.includes("\0")) return "missing";
    try {
      this.#real ??= Deno.realPathSync(this.path);
      const wanted = resolve(this.path, name);
      if (!isInside(this.path, wanted) && !isInside(this.#real, wanted)) return "outside";
      const path = Deno.realPathSync(wanted);
      if (!isInside(this.#real, path)) return "outside";
      const { isFile, size } = Deno.statSync(path);
      return isFile ? { path, size } : "not-a-file";
    } catch {
      return "missing";
    }
  }
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
