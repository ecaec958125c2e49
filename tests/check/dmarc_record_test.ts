import assert from "node:assert/strict";
import { isDmarc, parseDmarc } from "../../src/check/domain/dmarc_record.ts";

Deno.test("isDmarc() requires the version first, its value in capitals, and nothing else before the semicolon", () => {
  const table: [text: string, is: boolean][] = [
    ["v=DMARC1", true],
    ["v=DMARC1;", true],
    ["v=DMARC1 ; p=none", true],
    ["v = DMARC1; p=none", true],
    ["V=DMARC1; p=none", true],
    ["v=dmarc1; p=none", false],
    ["v=Dmarc1; p=DMARC1", true],
    ["v=DMARC10; p=none", false],
    ["v=DMARC1 p=none", false],
    [" v=DMARC1; p=none", false],
    ["p=none; v=DMARC1", false],
    ["x v=DMARC1", false],
    ["", false],
  ];
  for (const [text, is] of table) assert.equal(isDmarc(text), is, text);
});

const read = (tags: string) => parseDmarc("a.test", `v=DMARC1; ${tags}`);

Deno.test("parseDmarc() reads each defined policy, whatever the letter case, and no other", () => {
  for (const policy of ["none", "quarantine", "reject"]) {
    for (const written of [policy, policy.toUpperCase()]) {
      const record = read(`p=${written}; sp=${written}; np=${written}`);
      assert.deepEqual(
        [record.domain, record.policy, record.subdomains, record.faults],
        ["a.test", policy, policy, []],
      );
    }
  }
  assert.deepEqual([read("").policy, read("").subdomains], [undefined, undefined]);
  assert.deepEqual([read("p=rejected").policy, read("p=x").faults], [undefined, []]);
  assert.equal(read("p=none; np=x").faults.length, 1);
  assert.equal(read("p=none; t=x").faults.length, 1);
  assert.deepEqual(read("p=none; t=y").faults.concat(read("p=none; T=N").faults), []);
});

Deno.test("parseDmarc() reads DKIM and SPF alignment separately, each relaxed unless it says strict", () => {
  const table: [tags: string, dkim: string, spf: string][] = [
    ["p=none", "relaxed", "relaxed"],
    ["adkim=s", "strict", "relaxed"],
    ["aspf=s", "relaxed", "strict"],
    ["adkim=S; ASPF=S", "strict", "strict"],
    ["adkim=r; aspf=r", "relaxed", "relaxed"],
  ];
  for (const [tags, dkim, spf] of table) {
    const record = read(tags);
    assert.deepEqual([record.dkimAlignment, record.spfAlignment, record.faults], [dkim, spf, []]);
  }
});

Deno.test("parseDmarc() reports a value that its tag does not define", () => {
  for (const tag of ["sp", "np", "adkim", "aspf", "psd", "t"]) {
    const [fault = "", ...others] = read(`p=none; ${tag}=strict`).faults;
    assert(fault.startsWith(`${tag}=strict `) && others.length === 0, tag);
  }
});

Deno.test("parseDmarc() reads psd=y, psd=n and psd=u", () => {
  const table: [tags: string, suffix: boolean | undefined, faults: number][] = [
    ["psd=y", true, 0],
    ["PSD=Y", true, 0],
    ["psd=n", false, 0],
    ["psd=u", undefined, 0],
    ["p=none", undefined, 0],
    ["psd=yes", undefined, 1],
  ];
  for (const [tags, suffix, faults] of table) {
    assert.deepEqual([read(tags).publicSuffix, read(tags).faults.length], [suffix, faults], tags);
  }
});

Deno.test("parseDmarc() requires a scheme before each address of rua= and ruf=, and of no other tag", () => {
  const table: [tags: string, wrong: string | undefined][] = [
    ["rua=mailto:a@b.test", undefined],
    ["rua=MAILTO:a@b.test!10m , mailto:c@b.test", undefined],
    ["rua=a@b.test", "a@b.test"],
    ["ruf=mailto:a@b.test,c@b.test", "c@b.test"],
    ["ruf=mailto:", "mailto:"],
    ["fo=a@b.test", undefined],
  ];
  for (const [tags, wrong] of table) {
    const { faults } = read(`p=none; ${tags}`);
    assert.equal(faults.length, wrong === undefined ? 0 : 1, tags);
    if (wrong !== undefined) assert(faults[0]!.endsWith(`: '${wrong}'`), faults[0]);
  }
});

Deno.test("parseDmarc() keeps the first of several equal tags, and reports the others", () => {
  const record = read("p=reject; adkim=s; adkim=r; P=none");
  assert.deepEqual([record.policy, record.dkimAlignment], ["reject", "strict"]);
  assert.deepEqual(record.faults.map((fault) => fault.split("=")[0]), ["adkim", "p"]);
});
