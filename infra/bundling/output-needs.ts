import type { BuildOptions, Metafile, OutputFile } from 'esbuild';

/**
 * Defines `require`, which ES modules lack, but which CommonJS packages (grammY's HTTP client among them) call
 * to load parts of Node. It does not import node:module, because that would slow down every cold start.
 */
const requireForCommonJs =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/** esbuild's stand-in for `require`, which any use of `require` brings into the output. */
const REQUIRE_SHIM = /\btypeof require\b/;

/** What only some bundles need in their output. It costs the others a few tenths of a millisecond at a cold start. */
export class OutputNeeds {
  private callsRequire = false;
  /** Assumed at first, because a bundle without packages is built again in no time. */
  private hasPackages = true;

  /** Learns from a build. @returns whether something is not as it was assumed */
  learn({ outputs }: Metafile, files: readonly OutputFile[]): boolean {
    const { callsRequire, hasPackages } = this;
    this.callsRequire = files.some(
      ({ path, text }) => path.endsWith('.mjs') && REQUIRE_SHIM.test(text),
    );
    this.hasPackages = Object.values(outputs).some(({ inputs }) =>
      Object.entries(inputs).some(
        ([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('node_modules/'),
      ),
    );
    return this.callsRequire !== callsRequire || this.hasPackages !== hasPackages;
  }

  options(minify: boolean) {
    const { callsRequire, hasPackages } = this;
    return {
      banner: { js: callsRequire ? requireForCommonJs : '' },
      // Packages depend on names: grammY's HTTP client checks the name of a signal's class.
      keepNames: hasPackages,
      minifyWhitespace: minify,
      minifySyntax: minify,
      // Names that are never shortened need no `keepNames`. Packages are too large for that.
      minifyIdentifiers: minify && hasPackages,
    } satisfies BuildOptions;
  }
}
