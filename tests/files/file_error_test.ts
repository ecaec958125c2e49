import assert from "node:assert/strict";
import { fileErrorReason } from "../../src/files/file_error.ts";

Deno.test("fileErrorReason() says in plain words why the file system refused", () => {
  const { NotFound, IsADirectory, PermissionDenied, NotCapable } = Deno.errors;
  const cases: [unknown, string][] = [
    [new NotFound("No such file or directory (os error 2): open 'a'"), "no such file"],
    [new IsADirectory("Is a directory (os error 21)"), "it is a folder"],
    [new PermissionDenied("Permission denied (os error 13): open 'a'"), "permission denied"],
    [new NotCapable('Requires read access to "a"'), "permission denied"],
    [new Error("Input/output error (os error 5): read 'A\nB'"), "input/output error"],
    ["cut off", "cut off"],
  ];
  for (const [cause, reason] of cases) assert.equal(fileErrorReason(cause), reason);
});

Deno.test("fileErrorReason() says what its caller knows about a path that does not exist", () => {
  const cause = new Deno.errors.NotFound("No such file or directory (os error 2)");
  assert.equal(fileErrorReason(cause, "its folder does not exist"), "its folder does not exist");
});
