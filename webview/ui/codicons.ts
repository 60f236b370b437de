/**
 * The codicons we use, by their names in `@vscode/codicons`. A test compares them with that package's style sheet, which
 * itself is left out: it is thirty times as large.
 */
export const codicons = {
  'arrow-down': '\uEA9A',
  'arrow-left': '\uEA9B',
  'arrow-right': '\uEA9C',
  'arrow-up': '\uEAA1',
  bookmark: '\uEAA5',
  check: '\uEAB2',
  'chevron-down': '\uEAB4',
  'chevron-right': '\uEAB6',
  'chevron-up': '\uEAB7',
  'circle-slash': '\uEABD',
  'clear-all': '\uEABF',
  close: '\uEA76',
  copy: '\uEBCC',
  'debug-pause': '\uEAD1',
  ellipsis: '\uEA7C',
  error: '\uEA87',
  export: '\uEBAC',
  'go-to-file': '\uEA94',
  info: '\uEA74',
  'list-flat': '\uEB84',
  'list-selection': '\uEB85',
  play: '\uEB2C',
  save: '\uEB4B',
  'screen-full': '\uEB4C',
  search: '\uEA6D',
  'symbol-key': '\uEA93',
  trash: '\uEA81',
  'triangle-down': '\uEB6E',
  'triangle-up': '\uEB71',
  warning: '\uEA6C',
  'zoom-in': '\uEB81',
  'zoom-out': '\uEB82',
} as const;

export type IconName = keyof typeof codicons;
