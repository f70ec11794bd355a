package pinterest.sink;

import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A bucket of S3, or of a store that speaks its protocol. */
final class S3ObjectStore implements ObjectStore {
  private static final Logger log = LoggerFactory.getLogger(S3ObjectStore.class);

  private final S3Client client;
  private final String bucket;

  /** @throws SdkException if the bucket cannot be reached */
  S3ObjectStore(SinkSettings settings) {
    bucket = settings.bucket();
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(UrlConnectionHttpClient.create())
            .region(Region.of(settings.region()))
            .credentialsProvider(credentials(settings))
            // What is optional, S3-compatible stores need not know.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .forcePathStyle(settings.storeUrl().isPresent());
    settings.storeUrl().ifPresent(builder::endpointOverride);
    client = builder.build();
    client.headBucket(request -> request.bucket(bucket));
  }

  private static AwsCredentialsProvider credentials(SinkSettings settings) {
    return settings
        .accessKeyId()
        .<AwsCredentialsProvider>map(
            id ->
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(id, settings.secretAccessKey().value())))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  @Override
  public Upload begin(String key) {
    return new S3Upload(key);
  }

  @Override
  public void close() {
    client.close();
  }

  /** One request for an object of one part; a multipart upload for a larger one. */
  private final class S3Upload implements Upload {
    private final String key;
    private final Map<Integer, CompletedPart> sent = new TreeMap<>();
    private String id;

    S3Upload(String key) {
      this.key = key;
    }

    @Override
    public void part(int number, byte[] bytes) {
      if (id == null)
        id = client.createMultipartUpload(request -> request.bucket(bucket).key(key)).uploadId();
      String tag =
          client
              .uploadPart(
                  request -> request.bucket(bucket).key(key).uploadId(id).partNumber(number),
                  RequestBody.fromBytes(bytes))
              .eTag();
      sent.put(number, CompletedPart.builder().partNumber(number).eTag(tag).build());
    }

    @Override
    public void complete(int number, byte[] bytes) {
      if (id == null) {
        client.putObject(
            request -> request.bucket(bucket).key(key).contentType("application/json"),
            RequestBody.fromBytes(bytes));
        return;
      }
      if (bytes.length > 0) part(number, bytes);
      client.completeMultipartUpload(
          request ->
              request
                  .bucket(bucket)
                  .key(key)
                  .uploadId(id)
                  .multipartUpload(parts -> parts.parts(sent.values())));
    }

    @Override
    public void abort() {
      if (id == null) return;
      try {
        client.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(id));
      } catch (SdkException error) {
        log.warn("The unfinished upload {} of {} stays in the store", id, key, error);
      }
    }
  }
}
