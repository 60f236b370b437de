import detail from './detail.css';
import list from './list.css';
import page from './page.css';
import statistics from './statistics.css';
import timeline from './timeline.css';

/**
 * Gives the page its style sheets. They come with the script, because the content security policy lets in no inline
 * style and one file less is loaded.
 */
export function adoptStyles(): void {
  for (const text of [page, list, detail, statistics, timeline]) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  }
}
