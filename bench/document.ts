/** Replaces the Markdown between `<!-- bench:begin name -->` and `<!-- bench:end name -->`. */
export function insert(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench:begin ${name} -->`, `<!-- bench:end ${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`Cannot write '${name}' as its markers are missing`);
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`;
}
