import detail from './detail.css';
import list from './list.css';
import page from './page.css';
import replay from './replay.css';
import schemas from './schemas.css';
import statistics from './statistics.css';
import timeline from './timeline.css';
import tryIt from './tryIt.css';

/**
 * Gives the page its style sheets. They come with the script, because the content security policy lets in no inline
 * style and one file less is loaded.
 */
export function adoptStyles(): void {
  for (const text of [page, list, detail, statistics, timeline, schemas, tryIt, replay]) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  }
}
