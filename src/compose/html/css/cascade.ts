import type { Declaration, StyleRule } from "./style_sheet.ts";
import { cssUrls } from "./css_urls.ts";
import { overlap } from "./property.ts";
import { compareSpecificity } from "./selectors/specificity.ts";

/** A declaration that a rule gives to an element. */
export interface CascadeEntry {
  readonly declaration: Declaration;
  readonly rule: StyleRule;
  /** Rules in the order of the template. */
  readonly order: number;
  /** The declaration is known, and applies to this element in every mail on every screen. */
  readonly isSure: boolean;
  /** Whether it applies only if a mail program puts something around the mail. */
  readonly isHook: boolean;
  /** No mail program does so any longer. */
  readonly isPast: boolean;
}

/** What the author wrote in an element's `style` attribute. */
export interface OwnDeclaration {
  /** "all" if unknown. */
  readonly property: string;
  /** As written. */
  readonly value: string;
  readonly isImportant: boolean;
  /** Not present in every mail, or not known. */
  readonly isOpen: boolean;
  /** Every browser accepts it; a browser that does not leaves the property to the rules. */
  readonly isValid: boolean;
}

/** An element, or the same one wherever its file is included, with everything that sets its style. */
export interface Styled {
  /** The one that wins last. */
  readonly entries: readonly CascadeEntry[];
  readonly own: readonly OwnDeclaration[];
  /** It is written in the body, with room for an attribute that is the same in every mail. */
  readonly canInline: boolean;
}

/** What to add to an element's `style` attribute, around the author's own declarations. */
export interface Inlined {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The strongest last (CSS Cascade 5, 6.1). */
export function sortedEntries(entries: readonly CascadeEntry[]): CascadeEntry[] {
  return entries.toSorted((a, b) =>
    compareSpecificity(a.rule.specificity, b.rule.specificity) || a.order - b.order
  );
}

/**
 * Computes what goes into `style` attributes so that every element looks as it did (CSS Cascade 5, 6).
 *
 * An attribute wins over rules. So a rule that won over what is inlined, and does not apply everywhere (`:hover`, a
 * media query), must become `!important`; if that would make it win over more than before, what it wins over is not
 * inlined.
 */
export class Cascade {
  readonly #styled: readonly Styled[];
  /** Declarations that become `!important`. */
  readonly promoted: ReadonlySet<Declaration>;

  /** @param animated Properties of animations, which an `!important` would stop. */
  constructor(styled: readonly Styled[], animated: readonly string[]) {
    this.#styled = styled;
    this.promoted = this.#promote(animated);
  }

  inlined(styled: Styled): Inlined {
    const before: string[] = [];
    const after: string[] = [];
    // The rank of a rule in a layer is not known.
    const kept = styled.entries.filter(({ rule }) => !rule.isOrdered);
    // Strongest first: what loses to a rule that stays must not be inlined.
    for (let index = styled.entries.length - 1; index >= 0; index--) {
      const entry = styled.entries[index]!;
      const { declaration } = entry;
      if (!entry.isSure) {
        if (!entry.isPast && !this.promoted.has(declaration)) kept.push(entry);
        continue;
      }
      if (declaration.isImportant) {
        const isOwn = styled.own.some((one) => one.isImportant && meets(one, declaration));
        const text = this.#important(entry, index, styled, isOwn);
        // The author's own important declarations come after it.
        if (text !== undefined) (isOwn ? before : after).unshift(text);
      } else if (kept.some((stays) => !stays.declaration.isImportant && meet(stays, entry))) {
        kept.push(entry);
      } else if (!isOverruled(declaration, styled.own)) {
        before.unshift(declarationText(declaration));
      }
    }
    const own = styled.own.filter((one) => this.#needsFlag(one, styled))
      .map((one) => `${declarationText(one)} !important`);
    return { before: withoutRepeats(before), after: [...own, ...withoutRepeats(after)] };
  }

  /** What the author has in the attribute must still win over what has become `!important`. */
  #needsFlag(one: OwnDeclaration, { entries }: Styled): boolean {
    return !one.isImportant &&
      entries.some(({ declaration }) =>
        this.promoted.has(declaration) && overlap(declaration.property, one.property)
      );
  }

  /** Without its flag if a rule that stays wins over it: placed after the author's own, it still wins over those. */
  #important(
    entry: CascadeEntry,
    index: number,
    { entries }: Styled,
    isOwn: boolean,
  ): string | undefined {
    const text = declarationText(entry.declaration);
    const isBeaten = entries.some((other, at) =>
      (at > index || !other.rule.isOrdered) && !other.isSure && this.#isImportant(other) &&
      meet(other, entry)
    );
    if (!isBeaten) return `${text} !important`;
    return isOwn ? undefined : text;
  }

  #isImportant({ declaration }: CascadeEntry): boolean {
    return declaration.isImportant || this.promoted.has(declaration);
  }

  /** Of the declarations that must become `!important`, those that can without winning over more than before. */
  #promote(animated: readonly string[]): Set<Declaration> {
    const banned = new Set<Declaration>();
    for (;;) {
      const wanted = new Set(this.#styled.flatMap(neededOf).filter((one) => !banned.has(one)));
      const before = banned.size;
      for (let grown = -1; grown !== wanted.size;) {
        grown = wanted.size;
        for (const styled of this.#styled) addOverruling(styled, wanted, banned);
      }
      for (const one of wanted) {
        const isFixed = one.source.insert === undefined || one.isOpen && one.property === "all";
        if (isFixed || animated.some((name) => overlap(name, one.property))) banned.add(one);
      }
      for (const styled of this.#styled) banChanged(styled, wanted, banned);
      if (banned.size === before) return wanted;
    }
  }
}

function meets(one: OwnDeclaration, declaration: Declaration): boolean {
  return overlap(one.property, declaration.property);
}

function meet(a: CascadeEntry, b: CascadeEntry): boolean {
  return a.declaration !== b.declaration && overlap(a.declaration.property, b.declaration.property);
}

/** Declarations that win over something to be inlined, and do not apply everywhere. */
function neededOf({ entries, own, canInline }: Styled): Declaration[] {
  const needed: Declaration[] = [];
  if (!canInline) return needed;
  entries.forEach((entry, index) => {
    if (!entry.isSure || entry.declaration.isImportant || isOverruled(entry.declaration, own)) {
      return;
    }
    for (const other of entries.slice(index + 1)) {
      if (!other.isSure && !other.declaration.isImportant && meet(entry, other)) {
        needed.push(other.declaration);
      }
    }
  });
  return needed;
}

/** What wins over a declaration that becomes `!important` must become `!important` too. */
function addOverruling(styled: Styled, wanted: Set<Declaration>, banned: Set<Declaration>): void {
  const { entries } = styled;
  entries.forEach((entry, index) => {
    if (!wanted.has(entry.declaration) || winsAnyway(entry.declaration, styled)) return;
    for (const other of entries.slice(index + 1)) {
      const { declaration, isSure } = other;
      if (isSure || declaration.isImportant || banned.has(declaration) || isElsewhere(other)) {
        continue;
      }
      if (meet(entry, other)) wanted.add(declaration);
    }
  });
}

/** Bans what would win over something here that won over it before. */
function banChanged(styled: Styled, wanted: Set<Declaration>, banned: Set<Declaration>): void {
  const { entries, own } = styled;
  entries.forEach((entry, index) => {
    const { declaration } = entry;
    if (!wanted.has(declaration) || winsAnyway(declaration, styled)) return;
    const isChanged = !entry.rule.isOrdered ||
      own.some((one) => overlap(one.property, declaration.property) && !canFlag(one, styled)) ||
      entries.some((other, at) => {
        if (isElsewhere(other) || !meet(entry, other)) return false;
        if (other.declaration.isImportant) return at < index || !other.rule.isOrdered;
        return (at > index && !wanted.has(other.declaration)) || !other.rule.isOrdered;
      });
    if (isChanged) banned.add(declaration);
  });
}

/** Returns whether the author's own attribute wins over a declaration, and still will when that becomes `!important`. */
function winsAnyway(declaration: Declaration, styled: Styled): boolean {
  return isOverruled(declaration, styled.own) &&
    styled.own.every((one) => !overlap(one.property, declaration.property) || canFlag(one, styled));
}

/** Returns whether, with `!important`, the author's own would win over exactly what it won over before. */
function canFlag(one: OwnDeclaration, { entries, canInline }: Styled): boolean {
  if (one.isImportant) return true;
  // A file that it refers to has a different URL by now.
  return canInline && !one.isOpen && cssUrls(one.value).length === 0 && one.property !== "all" &&
    !entries.some(({ declaration }) =>
      declaration.isImportant && overlap(declaration.property, one.property)
    );
}

/**
 * Returns whether only Outlook, or a mail program that wraps the mail, reads it, so that it hardly ever meets what
 * becomes `!important`.
 */
function isElsewhere({ isHook, declaration }: CascadeEntry): boolean {
  return isHook || declaration.source.isHidden;
}

/** Returns whether the author's own attribute sets the same property in every mail. */
function isOverruled({ property }: Declaration, own: readonly OwnDeclaration[]): boolean {
  return own.some((one) => one.property === property && !one.isOpen && one.isValid);
}

function declarationText(
  { property, value }: { readonly property: string; readonly value: string },
): string {
  return `${property}:${value}`;
}

/** Removes all but the last of equal texts. */
function withoutRepeats(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.lastIndexOf(text) === index);
}
