import * as fs from 'node:fs';
import * as path from 'node:path';
import { launchChromium } from './toolbox/editorPage';

// The Marketplace takes no SVG, so media/icon.png is drawn from media/icon.svg: `npx tsx scripts/renderIcon.ts`.
const media = path.join(__dirname, '..', 'media');
const size = 256;

async function renderIcon(): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body{margin:0}</style>${fs.readFileSync(path.join(media, 'icon.svg'), 'utf8')}`);
    await page.screenshot({ path: path.join(media, 'icon.png'), omitBackground: true });
  } finally {
    await browser.close();
  }
}

void renderIcon();
