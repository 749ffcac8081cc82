const code = new URLSearchParams(location.hash.slice(1)).get('sign-in');
history.replaceState(null, '', location.pathname + location.search);
const answer = await (code
  ? fetch('/page/session', {
    method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({code}),
  })
  : fetch('/page/session'));
const document_ = await answer.json();
if (answer.ok) {
  document.getElementById('main').textContent = `Signed in as ${document_.user}: ${document_.permissions.join(', ')}.`;
} else if (code) {
  document.getElementById('main').textContent = document_.detail;
}
