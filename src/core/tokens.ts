/**
 * Estimates how many model tokens a text costs. JSON and English average a little under four characters a token in
 * the tokenizers of the models that editors offer; none of them is public for all models, so this stays an estimate
 * and is always shown with "~".
 */
export function estimateTokens(text: string | number): number {
  return Math.ceil((typeof text === 'number' ? text : text.length) / 3.8);
}
