import type { Container } from './container';

/** What `activate` gives to the tests that run inside the editor; nobody else gets anything. */
export interface TestApi {
  container(): Promise<Container>;
}
