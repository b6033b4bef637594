import { quote, RegistryError } from './registry-error.ts'

declare const brand: unique symbol

/** A validated `<name>`, without host (distribution-spec §Pulling manifests), at most 255 characters. */
export type Repository = string & { readonly [brand]: 'repository' }

const maxLength = 255
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)

export function isRepository(text: string): text is Repository {
  return text.length <= maxLength && repositoryPattern.test(text)
}

/** Throws RegistryError NAME_INVALID. */
export function parseRepository(text: string): Repository {
  if (isRepository(text)) return text
  const why =
    text.length > maxLength
      ? `it has ${text.length} characters, at most ${maxLength} are allowed`
      : 'wanted parts of a-z and 0-9, joined by ".", "_", "__" or "-", with "/" between the parts'
  throw new RegistryError('NAME_INVALID', `${quote(text)} is not a repository name: ${why}`)
}
