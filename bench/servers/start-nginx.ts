import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessGroup, startProcessGroup } from '../process-group.ts'
import { locateProgram } from '../programs.ts'

export interface NginxSettings {
  /** Where all its files lie. */
  readonly directory: string
  readonly workerConnections: number
  /** What stands in `http { }`. */
  readonly http: string
}

/** Starts an nginx with as many workers as there are cores; resolves when `readyUrl` is answered. */
export const startNginx = async (
  settings: NginxSettings,
  readyUrl: string,
  signal: AbortSignal,
): Promise<ProcessGroup> => {
  const { directory } = settings
  const configFile = join(directory, 'nginx.conf')
  const logFile = join(directory, 'log')
  await mkdir(join(directory, 'tmp'), { recursive: true })
  await writeFile(configFile, configText(settings))
  const program = await locateProgram('nginx')
  const args = ['-p', directory, '-e', logFile, '-c', configFile]
  return startProcessGroup({ name: 'nginx', program, args, logFile }, readyUrl, signal)
}

const configText = ({ directory, workerConnections, http }: NginxSettings) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${directory}/pid;
error_log ${directory}/log warn;
worker_processes auto;
events { worker_connections ${workerConnections}; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  ${temporaryPaths(directory)}
${http}
}
`

// Compiled-in folders such as /var/lib/nginx belong to root; nginx creates them all at its start.
const temporaryPaths = (directory: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/tmp/${name};`)
    .join('\n  ')
