import tseslint from "typescript-eslint";

/** What each folder may import besides itself and packages: only what stands to its left in the design. */
const mayImport = {
  components: [],
  stacks: ["components"],
  policy: ["components", "stacks"],
  emulator: [],
  local: ["components", "stacks", "emulator"],
  bench: ["components", "stacks", "emulator", "local"],
};
const folders = Object.keys(mayImport);
const knowNothingOfPulumi = ["emulator"];

const layers = folders.map((folder) => {
  const forbidden = folders.filter(
    (other) => other !== folder && !mayImport[folder].includes(other),
  );
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${forbidden.join("|")})(/|$)`,
              message: `${folder}/ imports only what stands to its left in the layout (README.md, Structure)`,
            },
            ...(knowNothingOfPulumi.includes(folder)
              ? [{ regex: "^@pulumi/", message: `${folder}/ knows nothing of Pulumi` }]
              : []),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ["node_modules", ".cache", ".local", ".venv", "out"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  ...layers,
  { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
);
