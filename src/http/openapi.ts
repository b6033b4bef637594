import { type Described, describedRoutes, type Who } from './described-routes.ts'

const whom: Readonly<Record<Who, string>> = {
  anybody: 'Answers anybody.',
  reader: 'Answers whoever may pull anything.',
  pull: 'Answers whoever may pull what it is about.',
  push: 'Wants leave to push to what it is about.',
  delete: 'Wants leave to delete what it is about.',
  'logged in': 'Wants a login.',
  admin: 'Wants an admin.',
}

const schemas: Readonly<Record<string, object>> = {
  text: { type: 'string' },
  texts: { type: 'array', items: { type: 'string' } },
  number: { type: 'number' },
  flag: { type: 'boolean' },
  object: { type: 'object' },
  objects: { type: 'array', items: { type: 'object' } },
}

/** All of `/api/v1` as OpenAPI 3.1 has it, made of the one table of its routes. */
export function describeApi(): object {
  const byPath = Map.groupBy(
    Object.entries(describedRoutes),
    ([route]) => route.split(' ')[1] ?? '',
  )
  const paths = [...byPath].map(([path, routes]) => {
    return [path, Object.fromEntries(routes.map(toOperation))] as const
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'Entrepot',
      version: '1',
      description: 'What the command line and the web UI of Entrepot are made of.',
    },
    // Beside this document, wherever a proxy has put it.
    servers: [{ url: '.' }],
    security: [{}, { token: [] }, { password: [] }, { browser: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'of "entrepot token create"' },
        password: { type: 'http', scheme: 'basic' },
        browser: { type: 'apiKey', in: 'cookie', name: 'entrepot_session' },
      },
      responses: {
        error: {
          description: 'what was found, and what to do',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['error'],
                properties: { error: schemas.text },
              },
            },
          },
        },
      },
    },
  }
}

function toOperation([route, described]: [string, Described]): readonly [string, object] {
  const { summary, who, query, body, answers = ['application/json'] } = described
  const operation = {
    summary,
    description: whom[who],
    ...(query && { parameters: Object.entries(query).map(toParameter) }),
    ...(body && { requestBody: toBody(body) }),
    responses: {
      200: { description: 'done', content: Object.fromEntries(answers.map((type) => [type, {}])) },
      default: { $ref: '#/components/responses/error' },
    },
  }
  return [(route.split(' ')[0] ?? '').toLowerCase(), operation]
}

function toParameter([name, kind]: [string, string]): object {
  return { name, in: 'query', required: !isOptional(kind), schema: schemaOf(kind) }
}

function toBody(fields: NonNullable<Described['body']>): object {
  const entries = Object.entries(fields)
  const required = entries.flatMap(([name, kind]) => (isOptional(kind) ? [] : [name]))
  const properties = entries.map(([name, kind]) => [name, schemaOf(kind)])
  const schema = {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  }
  return { required: true, content: { 'application/json': { schema } } }
}

function isOptional(kind: string): boolean {
  return kind.endsWith('?')
}

function schemaOf(kind: string): object {
  return schemas[kind.replace('?', '')] ?? {}
}
