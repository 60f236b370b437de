/** What a region's name looks like. It becomes part of a host name, so nothing else may get through. */
export const regionPattern = /^[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;
