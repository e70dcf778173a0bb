using Microsoft.Playwright;
using Xunit;

namespace Streaming.Tests.Console;

/// <summary>How fast the console is there, and that it stays usable in a storm of alerts. Measured in the browser itself; the best of five, since a machine may have something else to do.</summary>
[Collection(MeasuredConsoleCollection.Name)]
public sealed class SpeedTests(ConsoleCity city)
{
    private const int Attempts = 5;

    /// <summary>
    /// In place of the server's stream of alerts: 500 a second, each of another work order, until the page is gone. In place of the lists: the rows that the stream spoke of. What is left is what the page itself does.
    /// </summary>
    private const string Storm = """
        const real = window.fetch.bind(window);
        const rows = new Map();
        window.__sent = 0;
        const order = n => ({ id: `storm-${n}-w1`, case: `storm-${n}`, department: 'transport', district: 'harbour', role: 'lead', stage: 'transport-review', state: 'issued', subject: `粤S${String(n).padStart(5, '0')}-yellow`, kind: 'over-road-limit', severity: 1 + n % 4,
          issued: new Date().toISOString(), deadline: new Date(Date.now() + 3.6e6 + n * 1000).toISOString(), overdue: false, allowed: ['accept', 'return', 'complete'] });
        const json = value => new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });
        window.fetch = async (input, options) => {
          const url = new URL(typeof input === 'string' ? input : input.url, location.href);
          if (url.pathname === '/api/workorders') return json({ items: [...rows.values()].slice(-500).reverse() });
          if (url.pathname.startsWith('/api/workorders/storm-')) return json(rows.get(decodeURIComponent(url.pathname.split('/')[3])));
          if (!/^\/api\/departments\/[^/]+\/alerts$/.test(url.pathname)) return real(input, options);
          const text = new TextEncoder();
          return new Response(new ReadableStream({
            start(controller) {
              const timer = setInterval(() => {
                let block = '';
                for (let i = 0; i < 25; i++) {
                  const n = ++window.__sent;
                  const row = order(n);
                  rows.set(row.id, row);
                  block += `id: ${n}\nevent: alert\ndata: ${JSON.stringify({ number: n, type: 'work-order', department: 'transport', district: 'harbour', case: row.case, workOrder: row.id, subject: row.subject, subjectKind: 'vehicle', kind: row.kind, severity: row.severity, confidence: 0.99, stage: row.stage, role: 'lead', at: row.issued, deadline: row.deadline, explanation: { en: 'Over the limit.', zh: '超限。' } })}\n\n`;
                }
                try { controller.enqueue(text.encode(block)); } catch { clearInterval(timer); }
              }, 50);
              options?.signal?.addEventListener('abort', () => { clearInterval(timer); try { controller.error(new DOMException('', 'AbortError')); } catch {} });
            },
          }), { headers: { 'Content-Type': 'text/event-stream' } });
        };
        """;

    [ConsoleFact]
    public async Task The_first_screen_is_usable_within_one_and_a_half_seconds()
    {
        double best = double.MaxValue;
        for (int i = 0; i < Attempts && best > 1500; i++)
        {
            await using ConsolePage opened = await city.OpenAsync("/administration/rulebook");
            await opened.Page.GotoAsync("/");
            await opened.Marked("alert").First.WaitForAsync();
            await opened.Marked("city-figures").Locator(".figure-value").First.WaitForAsync();

            // From the navigation's beginning until the first alerts and figures are drawn.
            best = Math.Min(best, await opened.Page.EvaluateAsync<double>("() => performance.now()"));
        }

        Assert.InRange(best, 0, 1500);
    }

    [ConsoleFact]
    public async Task Five_hundred_alerts_a_second_do_not_freeze_the_desk()
    {
        double best = double.MaxValue;
        for (int i = 0; i < Attempts && best > 50; i++)
        {
            await using ConsolePage opened = await city.OpenAsync("/desk", script: Storm);
            await opened.Marked("desk-row").First.WaitForAsync();

            // The longest that the page's own thread was busy at a time, over five seconds of the storm; the first second is the start.
            double longest = await opened.Page.EvaluateAsync<double>("""
                async () => {
                  await new Promise(done => setTimeout(done, 1000));
                  let longest = 0;
                  const watch = new PerformanceObserver(list => { for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration); });
                  watch.observe({ entryTypes: ['longtask'] });
                  const before = window.__sent;
                  await new Promise(done => setTimeout(done, 5000));
                  watch.disconnect();
                  // Where not even the storm got its turns, the page stood still or the machine did.
                  if (window.__sent - before < 2000) return 5000;
                  return longest;
                }
                """);
            Assert.InRange(await opened.Marked("desk-row").CountAsync(), 1, 1000);
            best = Math.Min(best, longest);
        }

        // The browser calls a task long that takes 50 ms and more: there was none.
        Assert.InRange(best, 0, 50);
    }
}
