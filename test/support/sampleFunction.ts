/** Name of a function in both accounts of the local AWS that returns its event. */
export const sampleFunction = 'orders-refund';
