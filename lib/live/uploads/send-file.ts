import { ApiError, errorFromBody } from '@/lib/k8s/error';

/**
 * Sends a file to the console's own server, which passes it on to the cluster. Of the browser's two ways only this one
 * says how far it is. @throws ApiError as the server refused, or with code 0 when the connection broke.
 */
export function sendFile(
  path: string,
  file: Blob,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const asked = { method: 'POST', path };
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(errorFromBody(request.status, request.responseText, asked));
    };
    request.onerror = () => reject(new ApiError(0, 'Unreachable', 'The connection broke.', asked));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
