/** The paths that a page of the documentation names, and the identifiers with the file that declares or uses them. */
export interface NamedPlaces {
  /** Paths from the root of the project. */
  readonly paths: readonly string[];
  /** Targets of links, relative to the page. */
  readonly links: readonly string[];
  readonly identifiers: readonly { readonly name: string; readonly path: string }[];
}

const PATH = /^(?:src|tests|docs|build|bench|\.ci)\/[\w./-]*$/;
/** `name`, `Class.name`, `Class.#name()` */
const IDENTIFIER = /^#?\w+(?:\.#?\w+)*(?:\(\))?$/;
/** "`one`, `another` and `third()` (`src/file.ts`)" */
const WITH_FILE = /(`[^`]+`(?:(?:, and | and |, )`[^`]+`)*) \(`([^`]+)`/g;

/** Finds what the Markdown of a page names, outside blocks of code. */
export function namedPlaces(markdown: string): NamedPlaces {
  const text = markdown.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/\s+/g, " ");
  const links = [...text.replaceAll(/`[^`]+`/g, "").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((
    [, target],
  ) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
  const identifiers = [...text.matchAll(WITH_FILE)].flatMap(([, names, path]) =>
    PATH.test(path!) && path!.endsWith(".ts")
      ? spans(names!).filter((span) => IDENTIFIER.test(span))
        .flatMap((span) => span.replace("()", "").split("."))
        .map((name) => ({ name, path: path! }))
      : []
  );
  return { paths: spans(text).filter((span) => PATH.test(span)), links, identifiers };
}

function spans(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!);
}
