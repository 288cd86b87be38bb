/** Errors, reviews and discovery in the encoding that the client asks for; whoever made the answer has made it in JSON. */
import { plainFormat, type Format } from '../accept.ts';
import { canEncode, contentTypeFor, encodeValue } from '../encode-value.ts';
import { wantsPretty } from '../pretty.ts';
import { escaped } from '../go-json.ts';
import type { Stage } from '../types.ts';

export function answerEncoding(formats: readonly Format[]): Stage {
  return {
    name: 'answer-encoding',
    async handle(request, next) {
      request.formats = formats;
      const response = await next(request);
      if (response.object === undefined || response.body === undefined) return response;
      const format = plainFormat(request.headers['accept'], formats);
      if (format === undefined || format === 'json' || !canEncode(response.object, format)) {
        // Whom nothing suits is told so in a form for people.
        if (format === undefined || wantsPretty(request)) response.body = escaped(JSON.stringify(response.object, null, 2));
        return response;
      }
      response.headers['content-type'] = contentTypeFor({ format });
      response.body = encodeValue(response.object, { format, pretty: false });
      return response;
    },
  };
}
