/** As the server wants it. */
export const passwordHint = 'At least 8 characters.'
