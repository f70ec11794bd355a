/** Declares one bucket under mocks, with the packages that the program imports. */
import * as aws from "@pulumi/aws";
import "@pulumi/command";
import "@pulumi/databricks";
import "@pulumi/pulumi";
import { record } from "../../components/mocks/recorder";

void record(() => {
  new aws.s3.Bucket("bucket");
});
