-- Only `done` is defined: a `request` or `response` function would run for each request and make
-- wrk itself the slowest part. Times are microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'report {"requests":%.0f,"bytes":%.0f,"durationUs":%.0f,"p50Us":%.0f,"p99Us":%.0f,'
      .. '"errors":{"connect":%.0f,"read":%.0f,"write":%.0f,"status":%.0f,"timeout":%.0f}}\n',
    summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
