/** Style sheets are bundled as text, and fonts as files of which the address is given. */
declare module '*.css' {
  const text: string;
  export default text;
}

declare module '*.ttf' {
  const address: string;
  export default address;
}
