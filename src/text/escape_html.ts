/** Escapes HTML as the `escape` filter of liquidjs does. */
export function escapeHtml(value: string): string {
  return /[&<>"']/.test(value)
    ? value.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    : value;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};
