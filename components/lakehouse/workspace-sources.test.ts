import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { repository, workspaceSources } from "./workspace-sources";

describe("workspaceSources", () => {
  let root: string;

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "workspace-sources-"));
    for (const file of [
      "schemas/posts.json",
      "schemas/other.json",
      "notebooks/clean.py",
      "notebooks/query.py",
      "notebooks/draft.py",
      "notebooks/tests/test_clean.py",
      "notebooks/pinterest/values.py",
      "notebooks/pinterest/__init__.py",
      "notebooks/pinterest/conftest.py",
      "notebooks/pinterest/test_values.py",
      "notebooks/pinterest/notes.md",
      "notebooks/pinterest/__pycache__/values.py",
      "notebooks/pinterest/tests/cases.py",
      "notebooks/pinterest/queries/users.py",
    ]) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), file);
    }
  });

  after(() => {
    rmSync(root, { recursive: true });
  });

  it("finds the notebooks, the schemas and the package's modules, sorted, without tests", () => {
    const { notebooks, files } = workspaceSources(root);
    assert.deepEqual(notebooks.clean, {
      path: "notebooks/clean.py",
      source: path.relative(process.cwd(), path.join(root, "notebooks/clean.py")),
      md5: "915f810b282b882f72e932ed888c6366",
    });
    assert.equal(notebooks.query.path, "notebooks/query.py");
    assert.deepEqual(
      files.map((file) => file.path),
      [
        "notebooks/pinterest/__init__.py",
        "notebooks/pinterest/queries/users.py",
        "notebooks/pinterest/values.py",
        "schemas/posts.json",
      ],
    );
  });

  it("tells a changed file by its MD5", () => {
    const md5 = () => workspaceSources(root).notebooks.query.md5;
    const before = md5();
    assert.equal(md5(), before);
    writeFileSync(path.join(root, "notebooks/query.py"), "changed");
    assert.notEqual(md5(), before);
  });

  it("refuses a folder without the notebooks", () => {
    assert.throws(() => workspaceSources(path.join(root, "schemas")), /notebooks\/clean\.py/);
  });

  it("finds this repository's own", () => {
    const { notebooks, files } = workspaceSources(repository);
    assert.deepEqual(Object.keys(notebooks), ["clean", "query"]);
    const paths = files.map((file) => file.path);
    for (const file of ["schemas/posts.json", "notebooks/pinterest/__init__.py"])
      assert.ok(paths.includes(file), file);
    assert.ok(!paths.some((file) => /test|__pycache__/.test(file)));
  });
});
