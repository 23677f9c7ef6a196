-- wrk -s wrk.lua URL -- REQUESTS SEED
-- Sends the requests of a file in turn ("<length>\n<bytes>" each). @@@@@@@@ in one becomes a number that no other request has.
local requests, at, number, fresh = {}, 0, 0, false

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  number = tonumber(arguments[2])
  while true do
    local length = file:read("*l")
    if not length then break end
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
  fresh = requests[1]:find("@@@@@@@@", 1, true) ~= nil
  at = number % #requests
end

function request()
  at = at % #requests + 1
  if not fresh then return requests[at] end
  number = number + 1
  return (requests[at]:gsub("@@@@@@@@", string.format("%08d", number % 100000000)))
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests": %d, "seconds": %.4f, "p50": %.3f, "p99": %.3f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
