package pinterest.sink;

/** Where objects are written. An object is seen by others only once it is complete. */
interface ObjectStore extends AutoCloseable {

  /** Begins an object; one of the same key is replaced when the new one is complete. */
  Upload begin(String key);

  @Override
  void close();

  /** An object on its way. Every call may be made again after it failed. */
  interface Upload {

    /** Sends the next part; {@code number} counts from 1, and a part sent twice counts once. */
    void part(int number, byte[] bytes);

    /** Sends the last part, and makes the object seen. */
    void complete(int number, byte[] bytes);

    /** Drops what was sent. */
    void abort();
  }
}
