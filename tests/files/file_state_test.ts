import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type FileState,
  fileStateOf,
  isSameFile,
  isUntouched,
  stateIfSeen,
} from "../../src/files/file_state.ts";
import { inFolder } from "../support/folder.ts";

const STATE: FileState = { dev: 1, ino: 2, size: 3, isFile: true, mtime: 4, ctime: 5 };

Deno.test("isUntouched() notices everything that a write, a rename or a copy changes", () => {
  assert.equal(isUntouched(STATE, { ...STATE }), true);
  for (const changed of [{ dev: 9 }, { ino: 9 }, { size: 9 }, { mtime: 9 }, { ctime: 9 }]) {
    assert.equal(isUntouched(STATE, { ...STATE, ...changed }), false, JSON.stringify(changed));
  }
  assert.equal(isUntouched(undefined, undefined), true, "none, then and now");
  assert.equal(isUntouched(STATE, undefined), false);
  assert.equal(isUntouched(undefined, STATE), false);
});

Deno.test("isSameFile() tells files apart by device and inode, whatever they contain", () => {
  assert.equal(isSameFile(STATE, { ...STATE, size: 9, mtime: 9, ctime: 9 }), true);
  assert.equal(isSameFile(STATE, { ...STATE, dev: 9 }), false);
  assert.equal(isSameFile(STATE, { ...STATE, ino: 9 }), false);
});

Deno.test("fileStateOf() describes files and folders, returns undefined for nothing, and throws if it cannot look; stateIfSeen() does not throw", () =>
  inFolder({ "a/list.csv": "Email\n" }, (folder) => {
    const path = join(folder, "a", "list.csv");
    const { size, isFile, mtime, ino } = fileStateOf(path)!;
    const info = Deno.statSync(path);
    assert.deepEqual([size, isFile, mtime, ino], [6, true, info.mtime!.getTime(), info.ino]);
    assert.equal(fileStateOf(folder)?.isFile, false);
    assert.equal(fileStateOf(join(folder, "none")), undefined);
    assert.equal(stateIfSeen(join(folder, "none")), undefined);
    assert.deepEqual(stateIfSeen(path), fileStateOf(path));
    const belowFile = join(path, "none");
    assert.throws(() => fileStateOf(belowFile));
    assert.equal(stateIfSeen(belowFile), undefined);
    return Promise.resolve();
  }));
