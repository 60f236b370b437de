/** Steps that a sequence has at most. */
export const maxReplaySteps = 100;
/** Longest parameters that can be edited and sent from the page, in characters of their JSON. */
export const maxReplayParams = 200_000;
