import type { Section } from './case.ts'
import { types } from './content.ts'
import { image, index, pushing, refuse, subjectOf } from './manifest-steps.ts'
import { runSection } from './run-section.ts'

const subjects: Section = {
  'an image with a subject says so': pushing((given) => {
    const { content: subject, needs } = image(given)
    const content = given.make.image([], subjectOf(subject))
    const headers = { 'OCI-Subject': subject.digest }
    return { content, needs: [...needs, subject], expect: { headers } }
  }),
  'an index with a subject says so': pushing((given) => {
    const { content: subject, needs } = index(given)
    const content = given.make.index([], subjectOf(subject))
    const headers = { 'OCI-Subject': subject.digest }
    return { content, needs: [...needs, subject], expect: { headers } }
  }),
  'a subject that is missing may come later': pushing(({ make }) => {
    const missing = make.image([], { annotations: { is: 'missing' } })
    const content = make.image(
      [],
      { artifactType: types.example, ...subjectOf(missing) },
      make.empty,
    )
    const headers = { 'OCI-Subject': missing.digest }
    return { content, needs: [make.empty], expect: { headers } }
  }),
  'a subject that is no descriptor is refused': ({ make }) => ({
    given: [make.config],
    steps: refuse(make.image([], { subject: { digest: 'sha256:bad' } }), 'MANIFEST_INVALID', 400),
  }),
}

runSection('§Pushing Manifests with Subject', subjects)
