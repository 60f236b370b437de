/** The theme's colours, read when something is drawn, so that a change of theme needs no more than a new drawing. */
export interface TimelineColors {
  foreground: string;
  quiet: string;
  background: string;
  line: string;
  focus: string;
  ok: string;
  error: string;
  pending: string;
  cancelled: string;
  aws: string;
  awsError: string;
  onSpan: string;
  marked: string;
  /** Line around every span in a theme of high contrast. */
  contrast: string | undefined;
  font: string;
}

/** Reads the colours that hold at an element. */
export function readColors(element: Element): TimelineColors {
  const style = getComputedStyle(element);
  const read = (...names: string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    return style.color;
  };
  const isContrast = document.body.className.includes('high-contrast');
  return {
    foreground: style.color,
    quiet: read('descriptionForeground'),
    background: read('editor-background'),
    line: read('panel-border', 'widget-border', 'contrastBorder'),
    focus: read('focusBorder'),
    ok: read('charts-blue', 'progressBar-background'),
    error: read('charts-red', 'errorForeground'),
    pending: read('charts-yellow', 'editorWarning-foreground'),
    cancelled: read('descriptionForeground'),
    aws: read('charts-green'),
    awsError: read('charts-red', 'errorForeground'),
    onSpan: read('editor-background'),
    marked: read('editor-selectionBackground', 'focusBorder'),
    contrast: isContrast ? read('contrastBorder', 'foreground') : undefined,
    font: style.fontFamily,
  };
}
