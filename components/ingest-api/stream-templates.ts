/**
 * What API Gateway makes of a request for Kinesis, in Velocity's language with API Gateway's `$input` and `$util`. Executed as they
 * stand by the local gateway, and so by its tests (local/services/api-gateway/stream-templates.test.ts).
 *
 * What they guarantee of a payload: its JSON reaches the stream as `$input.json` gives it, in UTF-8, with nothing escaped, quoted or
 * cut on the way: base64 hides it from all that a template does to text. `$input.json` parses and writes anew: what JSON means
 * is kept (each member, number, letter), and so is each byte of JSON as `JSON.stringify` writes it, but for numbers with an
 * exponent, whose form AWS does not document. Spaces between tokens go. (`$record.data` in place of `$input.json` would give
 * Java's form of a map, `{index=1}`.)
 *
 * A partition key is already JSON text with its quotes, so it is written as it is. `$util.escapeJavaScript` is for a path's
 * parameter, which is no JSON; it makes `\'` of a single quote, which JSON does not know, so that is taken back.
 */

const streamName = String.raw`"StreamName": "$util.escapeJavaScript($input.params('stream-name')).replaceAll("\\'", "'")"`;

/** Shards of a stream made by CreateStream where the request names no number: the fewest, and the least cost. */
const defaultShardCount = 1;

export const streamTemplates = {
  ListStreams: "{}",

  DescribeStream: `{
  ${streamName}
}`,

  CreateStream: String.raw`#set($shardCount = $input.path('$.ShardCount'))
{
  ${streamName},
  "ShardCount": #if($shardCount && $shardCount != "")$shardCount#{else}${defaultShardCount}#end

}`,

  DeleteStream: `{
  ${streamName}
}`,

  PutRecord: String.raw`{
  ${streamName},
  "Data": "$util.base64Encode($input.json('$.Data'))",
  "PartitionKey": $input.json('$.PartitionKey')
}`,

  // API Gateway stops a #foreach after 1,000 turns; Kinesis takes 500 records a request.
  PutRecords: String.raw`{
  ${streamName},
  "Records": [
#foreach($record in $input.path('$.records'))
    {
      "Data": "$util.base64Encode($input.json("$.records[$foreach.index].data"))",
      "PartitionKey": $input.json("$.records[$foreach.index]['partition-key']")
    }#if($foreach.hasNext),#end

#end
  ]
}`,
} as const;

/** An action of Kinesis that the API offers. */
export type StreamAction = keyof typeof streamTemplates;
