/*
 * What an import of a file that is not code gives: its text, or its bytes. `infra/bundling/loaders.ts` has the same list.
 * For another extension, set `bundling.loader` and declare its type here.
 */

declare module '*.csv' {
  const text: string;
  export default text;
}

declare module '*.ftl' {
  const text: string;
  export default text;
}

declare module '*.graphql' {
  const text: string;
  export default text;
}

declare module '*.html' {
  const text: string;
  export default text;
}

declare module '*.md' {
  const text: string;
  export default text;
}

declare module '*.sql' {
  const text: string;
  export default text;
}

declare module '*.svg' {
  const text: string;
  export default text;
}

declare module '*.txt' {
  const text: string;
  export default text;
}

declare module '*.xml' {
  const text: string;
  export default text;
}

declare module '*.yaml' {
  const text: string;
  export default text;
}

declare module '*.yml' {
  const text: string;
  export default text;
}

declare module '*.gif' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.jpeg' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.jpg' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.mp3' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.mp4' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.ogg' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.pdf' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.png' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.tgs' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.ttf' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.webp' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.zip' {
  const bytes: Uint8Array;
  export default bytes;
}
