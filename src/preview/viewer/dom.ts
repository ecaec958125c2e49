/** An element of the page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element; what it shows is text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text: string = "",
  className: string = "",
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  node.textContent = text;
  node.className = className;
  return node;
}

/** The data of a block of the page. */
export function readBlock<T>(id: string): T {
  return JSON.parse(byId(id).textContent ?? "");
}
