/**
 * The script of the page. It runs in a browser, from `file:`, without anything beside it, and so is a text here. What a mail
 * holds becomes text nodes, and HTML only in a frame whose sandbox allows nothing: no scripts, no forms, no popups, no origin.
 */
export const VIEWER = `"use strict";
(() => {
  const el = (id) => document.getElementById(id);
  const make = (name, text = "", className = "") => {
    const node = document.createElement(name);
    node.textContent = text;
    node.className = className;
    return node;
  };
  const data = (id) => JSON.parse(el(id).textContent);
  const entries = data("entries");
  const list = el("list"), pick = el("pick"), stage = el("stage");
  const TABS = ["html", "text", "links", "headers", "source"];
  let current = -1;
  let tab = "html";
  let width = matchMedia("(min-width: 800px)").matches ? "desktop" : "phone";

  const sizeText = (size) =>
    size < 1000
      ? size + " B"
      : size < 999500
      ? (size / 1000).toFixed(size < 9950 ? 1 : 0) + " kB"
      : (size / 1e6).toFixed(1) + " MB";

  const items = entries.map((entry, index) => {
    const item = make("li");
    const button = make("button");
    button.append(make("b", entry.address || "(no address)"));
    button.append(make("span", "reason" in entry ? "No mail: " + entry.reason : entry.subject, "about"));
    const facts = ["line " + entry.line];
    if ("size" in entry) facts.push(sizeText(entry.size));
    if (entry.attached) facts.push(entry.attached + (entry.attached === 1 ? " file" : " files"));
    button.append(make("span", facts.join(" · "), "small"));
    if ("reason" in entry) button.classList.add("none");
    button.tabIndex = -1;
    button.addEventListener("click", () => go(index));
    item.append(button);
    list.append(item);
    pick.append(new Option(entry.address || "line " + entry.line, index));
    return { item, button, words: (entry.address + " " + (entry.subject || "")).toLowerCase() };
  });

  const shown = () => items.map((_, index) => index).filter((index) => !items[index].item.hidden);

  /** To the mail so many places further in the list, as far as it goes. */
  function step(by) {
    const places = shown();
    const at = places.indexOf(current);
    const next = places[Math.min(places.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    const focused = list.contains(document.activeElement);
    go(next);
    if (focused) items[next].button.focus();
  }

  function go(index) {
    const hash = "#line-" + entries[index].line;
    if (location.hash !== hash) history.replaceState(null, "", hash);
    show(index);
  }

  function show(index) {
    if (items[current]) {
      items[current].button.tabIndex = -1;
      items[current].button.removeAttribute("aria-current");
    }
    current = index;
    const { button } = items[index];
    button.tabIndex = 0;
    button.setAttribute("aria-current", "true");
    if (list.offsetParent) button.scrollIntoView({ block: "nearest" });
    pick.value = index;
    el("place").textContent = index + 1 + " of " + entries.length;
    el("previous").disabled = index === 0;
    el("next").disabled = index === entries.length - 1;
    draw(entries[index]);
  }

  function draw(entry) {
    const mail = entry.id ? data(entry.id) : undefined;
    const none = "reason" in entry;
    el("subject").textContent = none ? "No mail" : entry.subject || "(no subject)";
    el("subject").title = el("subject").textContent;
    el("mail").classList.toggle("bare", !mail);
    drawEnvelope(entry, mail);
    drawFiles(mail);
    drawNotes(entry, mail);
    stage.replaceChildren();
    if (!mail) return;
    const split = mail.source.indexOf("\\n\\n");
    el("text").firstChild.textContent = mail.text || "";
    el("source").firstChild.textContent = mail.source;
    el("headers").lastChild.textContent = split < 0 ? mail.source : mail.source.slice(0, split);
    rows(el("headers"), mail.headers);
    rows(el("links"), mail.links.map((link) => [link.text || "(no text)", link.target]));
    el("tab-links").textContent = "Links " + mail.links.length;
    const has = { html: mail.html !== undefined, text: !!mail.text, links: mail.links.length > 0 };
    for (const name of TABS) el("tab-" + name).disabled = has[name] === false;
    open(has[tab] === false ? (has.html ? "html" : has.text ? "text" : "source") : tab, mail);
  }

  function drawEnvelope(entry, mail) {
    const named = (name) => mail && mail.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    const lines = [["From", named("from")], ["To", mail ? named("to") : entry.address]];
    el("envelope").replaceChildren();
    for (const [name, value] of lines) {
      if (value) el("envelope").append(make("dt", name), make("dd", value));
    }
    const dd = make("dd", "line " + entry.line);
    if (entry.file) {
      const link = make("a", entry.file);
      link.href = encodeURIComponent(entry.file);
      link.setAttribute("download", "");
      dd.append(" · " + sizeText(entry.size) + " · ", link);
    }
    el("envelope").append(make("dt", "Row"), dd);
  }

  function drawFiles(mail) {
    const files = mail ? mail.files : [];
    const chip = (name, text, type) => {
      const item = make("li", "", type);
      item.append(make("b", name), make("span", text));
      return item;
    };
    const images = files.filter((file) => file.inline);
    const chips = files.filter((file) => !file.inline).map((file) => chip(file.name, sizeText(file.size)));
    if (images.length > 0) {
      const size = images.reduce((sum, file) => sum + file.size, 0);
      const text = images.length === 1 ? "1 image" : images.length + " images";
      chips.push(chip(text, "in the mail, " + sizeText(size), "inline"));
      chips.at(-1).title = images.map((file) => file.name).join(", ");
    }
    el("files").replaceChildren(...chips);
  }

  function drawNotes(entry, mail) {
    const notes = [];
    if ("reason" in entry) notes.push(entry.reason);
    else if (!mail) notes.push("The page is full: open the file of this mail to read it.");
    if (mail && mail.images.some(([, image]) => image === null)) {
      notes.push("An image is too large for this page; it is in the file of this mail.");
    }
    if (mail && mail.cut) notes.push("A part is cut here; the file of this mail has all of it.");
    el("notes").replaceChildren(...notes.map((text) => make("li", text)));
    const remote = mail ? mail.remote : [];
    el("remote").hidden = remote.length === 0;
    el("remote").textContent = "Not loaded, as a preview asks nobody for anything: " + remote.join(", ");
  }

  function rows(panel, lines) {
    panel.querySelector("tbody").replaceChildren(...lines.map((cells) => {
      const row = make("tr");
      row.append(...cells.map((cell) => make("td", cell)));
      return row;
    }));
  }

  /** Shows a part; one that a mail lacks does not change which part the next mail is opened at. */
  function open(name, mail) {
    for (const one of TABS) {
      const button = el("tab-" + one);
      button.setAttribute("aria-selected", one === name);
      button.tabIndex = one === name ? 0 : -1;
      el(one).hidden = one !== name;
    }
    el("widths").hidden = name !== "html";
    if (name === "html" && !stage.firstChild) frame(mail);
  }

  function frame(mail) {
    let { html } = mail;
    for (const [id, image] of mail.images) {
      if (image === null) continue;
      for (const name of new Set([id, encodeURIComponent(id), encodeURI(id)])) {
        const url = new RegExp("cid:" + name.replace(/[^\\w]/g, "\\\\$&"), "gi");
        html = html.replace(url, () => data("i" + image));
      }
    }
    const node = document.createElement("iframe");
    node.setAttribute("sandbox", "");
    node.setAttribute("referrerpolicy", "no-referrer");
    node.title = "The mail as HTML";
    node.srcdoc = html;
    stage.replaceChildren(node);
    fit();
  }

  function fit() {
    stage.className = "stage " + width;
    for (const name of ["phone", "desktop"]) el(name).setAttribute("aria-pressed", name === width);
  }

  for (const name of ["phone", "desktop"]) {
    el(name).addEventListener("click", () => {
      width = name;
      fit();
    });
  }
  for (const name of TABS) {
    el("tab-" + name).addEventListener("click", () => {
      tab = name;
      open(name, data(entries[current].id));
    });
  }
  el("previous").addEventListener("click", () => step(-1));
  el("next").addEventListener("click", () => step(1));
  pick.addEventListener("change", () => go(Number(pick.value)));
  el("find").addEventListener("input", ({ target }) => {
    const word = target.value.trim().toLowerCase();
    for (const { item, words } of items) item.hidden = !words.includes(word);
    if (items[current].item.hidden && shown().length > 0) go(shown()[0]);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    const free = target === document.body || list.contains(target) || target.id === "find";
    const moves = { ArrowDown: 1, ArrowUp: -1, ...(target.id === "find" ? {} : { Home: -Infinity, End: Infinity }) };
    if (free && key in moves) step(moves[key]);
    else if (target.getAttribute("role") === "tab" && (key === "ArrowRight" || key === "ArrowLeft")) turn(key === "ArrowRight" ? 1 : -1);
    else return;
    event.preventDefault();
  });

  /** To the next part that the mail has. */
  function turn(by) {
    const there = TABS.filter((name) => !el("tab-" + name).disabled);
    const at = there.findIndex((name) => el("tab-" + name).tabIndex === 0);
    const button = el("tab-" + there[(at + by + there.length) % there.length]);
    button.click();
    button.focus();
  }

  function follow() {
    const line = /^#line-(\\d+)$/.exec(location.hash)?.[1];
    const index = entries.findIndex((entry) => String(entry.line) === line);
    show(Math.max(0, index));
  }
  addEventListener("hashchange", follow);
  if (entries.length < 8) el("find").hidden = true;
  el("app").hidden = false;
  follow();
})();
`;
