// Runs in a page: tells whether two documents are the same tree, except for what a mail has to change.

/** CSS without what may be added to it: `!important`, and the spaces around it. */
function bareCss(text) {
  return text.replace(/\s*!\s*important/gi, "").replace(/\s+|;(?=\s*\})/g, "");
}

/** Whether a URL is a local file, which becomes a part of the mail. */
function isLocal(url) {
  return !/^\s*(?:[a-z][a-z0-9+.-]*:|\/\/|#|$)/i.test(url);
}

/** Attributes as text, sorted, without those that a mail changes. */
function attributesOf(element, other) {
  return [...element.attributes].filter(({ name, value }) => {
    if (name === "style") return false;
    const partner = other?.getAttribute?.(name);
    const isPart = (one, two) => isLocal(one) && /^cid:/.test(two ?? "");
    return !isPart(value, partner) && !isPart(partner ?? "", value);
  }).map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort().join(" ");
}

/** One node without its children, as text. */
function describe(node, other) {
  switch (node?.nodeType) {
    case Node.DOCUMENT_TYPE_NODE:
      return `<!DOCTYPE ${node.name} "${node.publicId}" "${node.systemId}">`;
    case Node.COMMENT_NODE:
      return `<!--${node.data}-->`;
    case Node.TEXT_NODE:
      return node.parentNode.localName === "style"
        ? `CSS ${bareCss(node.data)}`
        : `text ${node.data}`;
    case Node.ELEMENT_NODE:
      if (isLinkedSheet(node) && other?.localName === "style") return "<style >";
      if (node.localName === "style" && isLinkedSheet(other)) return "<style >";
      return `<${node.localName} ${attributesOf(node, other)}>`;
  }
  return "nothing";
}

function isLinkedSheet(node) {
  return node?.localName === "link" && /\bstylesheet\b/i.test(node.rel) &&
    isLocal(node.getAttribute("href") ?? "");
}

/** The nodes of a tree in order, each before its children; a template's content counts as children. */
function* nodesOf(node, left) {
  for (const child of node.childNodes) {
    if (left.includes(child)) continue;
    yield child;
    if (isLinkedSheet(child)) continue;
    yield* nodesOf(child.localName === "template" ? child.content : child, left);
  }
}

/** Joins the texts around the inserted preheader, which is a line of its own. */
function withBlanksJoined(nodes) {
  return nodes.filter((node) => node.nodeType !== Node.TEXT_NODE || /\S/.test(node.data));
}

/** The first place in which two documents are not the same tree; null: they are the same. */
function compareStructure(first, second, { preheader } = {}) {
  const [a, b] = [documentOf(first), documentOf(second)];
  let ones = [...nodesOf(a, [])];
  let others = [...nodesOf(b, holdersOf(b, preheader))];
  if (preheader !== undefined) [ones, others] = [ones, others].map(withBlanksJoined);
  if (a.compatMode !== b.compatMode) return { expected: a.compatMode, found: b.compatMode };
  for (let at = 0; at < Math.max(ones.length, others.length); at++) {
    const expected = describe(ones[at], others[at]);
    const found = describe(others[at], ones[at]);
    if (expected !== found) return shortened(expected, found);
  }
  return null;
}

/** Two long texts, shortened to their beginnings and to the parts from where they differ. */
function shortened(expected, found) {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const from = Math.max(0, at - 40);
  const cut = (text) => {
    const piece = text.slice(from, at + 80);
    return JSON.stringify(from > 20 ? `${text.slice(0, 20)}…${piece}` : piece);
  };
  return { expected: cut(expected), found: cut(found) };
}

Object.assign(globalThis, { compareStructure });
