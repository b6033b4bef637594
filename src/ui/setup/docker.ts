import { type Guide, namedHere, type Step, sampleOf, urlOf, type Wanted } from './guide.ts'
import { restart, stepsForCa, warnOfCertificate } from './trust.ts'

const file = '/etc/docker/daemon.json'
const hub = 'docker.io'

/** dockerd mirrors Docker Hub, and nothing else. */
export function guideDocker(wanted: Wanted): Guide {
  const { origin, registries, isEvery } = wanted
  const others = registries.filter((registry) => registry !== hub)
  const isInsecure = origin.scheme === 'http'
  const settings = {
    'registry-mirrors': [mirrorOf(wanted)],
    // For images that are named by this server; a mirror needs no leave for plain HTTP.
    ...(isInsecure && { 'insecure-registries': [origin.host] }),
  }
  const steps: readonly Step[] = [
    ...stepsForCa(wanted, `/etc/docker/certs.d/${hostOf(mirrorOf(wanted))}/ca.crt`),
    {
      title: 'Name the mirror. If the file is there already, add the lines to what it has',
      file,
      text: `${JSON.stringify(settings, undefined, 2)}\n`,
    },
    restart('docker'),
    ...others.slice(0, 3).map((registry) => ({
      title: `Pull from ${registry} with the server in front of the name`,
      text: `docker pull ${namedHere(origin, sampleOf([registry]))}`,
    })),
  ]
  const mirrorsOthers = others.length > 0 || isEvery
  return {
    steps,
    warnings: [
      ...warnOfForm(wanted),
      'Restarting docker stops running containers, unless "live-restore" is on.',
      ...(mirrorsOthers
        ? [
            'dockerd mirrors Docker Hub and no other registry: images of others are pulled with this server in front of their name.',
          ]
        : []),
      ...warnOfLogin(wanted),
      ...warnOfCertificate(
        wanted,
        `in /etc/docker/certs.d/${hostOf(mirrorOf(wanted))}/ as client.cert and client.key`,
      ),
    ],
    undo: [
      {
        title: 'Take "registry-mirrors" and "insecure-registries" out of the file again',
        text: `sudoedit ${file}`,
      },
      restart('docker'),
    ],
    check: 'docker pull alpine',
  }
}

/** `http://nas.lan:5000`, `http://nas.lan:5000/docker.io` or, on a port of its own, `http://nas.lan:5001`. */
function mirrorOf({ origin, form, views }: Wanted): string {
  if (form === 'path') return `${urlOf(origin)}/${hub}`
  const view = form === 'port' ? views.find(({ upstream }) => upstream === hub) : undefined
  if (!view) return urlOf(origin)
  return `${origin.scheme}://${origin.host.replace(/:\d+$/, '')}:${view.port}`
}

function warnOfForm({ form, origin, defaultRegistry, views }: Wanted): readonly string[] {
  if (form === 'port')
    return views.some(({ upstream }) => upstream === hub)
      ? []
      : [
          'No port is a view of Docker Hub: set dockerListen in mirrors.yaml, and restart the server.',
        ]
  if (form === 'path' || origin.prefix !== '')
    return [
      'A mirror with a path in its address works from docker 25 on; older ones refuse to start with it.',
    ]
  if (defaultRegistry === hub) return []
  return [
    `The root of this server stands for ${defaultRegistry}, and docker would take that for Docker Hub: choose the path form.`,
  ]
}

function warnOfLogin({ needsLogin, form }: Wanted): readonly string[] {
  if (needsLogin)
    return [
      'A pull wants a login here, and dockerd gives a mirror none: it goes to Docker Hub itself, without a word. Pull by name after "docker login", or let anonymous pull.',
    ]
  if (form !== 'root') return []
  return [
    'Once this server has users, and docker is logged in to Docker Hub, choose the path form: its login is refused at the root.',
  ]
}

function hostOf(url: string): string {
  return new URL(url).host
}
