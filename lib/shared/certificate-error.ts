// Source: https://nodejs.org/api/tls.html#x509-certificate-error-codes

const CERTIFICATE_CODE_PATTERN =
  /^(?:ERR_TLS_CERT_|UNABLE_TO_|CERT_|CRL_|ERROR_IN_CERT_|ERROR_IN_CRL_|DEPTH_ZERO_|SELF_SIGNED_|(?:INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$)/

/** Returns whether an error with this code means that a certificate is not accepted. A new attempt would fail in the same way. */
export const isCertificateCode = (code: string): boolean => CERTIFICATE_CODE_PATTERN.test(code)
